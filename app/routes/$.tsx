/** Any other address: the root's data is there, so that its page speaks the reader's language inside the shell. */
export function loader(): never {
  throw new Response(null, { status: 404 });
}

export default function NoSuchPage() {
  return null;
}
