# One image for every role: `hs role NAME` or ROLES says which a container runs.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY cli/bin ./cli/bin
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/var/lib/hs
WORKDIR /app
RUN groupadd --system --gid 10001 hs && useradd --system --uid 10001 --gid hs --home-dir /var/lib/hs --create-home hs
COPY --from=build --chown=root:root /app /app
USER hs
VOLUME /var/lib/hs
EXPOSE 3000
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=32", "cli/main.ts"]
CMD ["start"]
