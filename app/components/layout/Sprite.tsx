import { memo } from "react";

const stroke = { fill: "none", stroke: "currentColor", strokeWidth: 1.4 } as const;

/** Marks, icons and textures, once a page: everything else refers to them by id. */
export const Sprite = memo(function Sprite() {
  return (
    <svg width="0" height="0" style={{ position: "absolute" }} aria-hidden="true">
      <defs>
        <symbol id="m-good" viewBox="0 0 12 12">
          <circle cx="6" cy="6" r="4" fill="currentColor" />
        </symbol>
        <symbol id="m-watch" viewBox="0 0 12 12">
          <path d="M6 1 11.4 10.6H.6Z" fill="currentColor" />
        </symbol>
        <symbol id="m-act" viewBox="0 0 12 12">
          <path d="M3.7.5h4.6l3.2 3.2v4.6l-3.2 3.2H3.7L.5 8.3V3.7Z" fill="currentColor" />
          <path d="M6 3v3.6M6 8.2v1" stroke="var(--mark-in, var(--surface))" strokeWidth="1.6" />
        </symbol>
        <symbol id="m-unknown" viewBox="0 0 12 12">
          <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2.2 2.2" />
        </symbol>
        <symbol id="m-stale" viewBox="0 0 12 12">
          <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" strokeWidth="1.3" />
          <path d="M6 3.4V6l2 1.2" fill="none" stroke="currentColor" strokeWidth="1.3" />
        </symbol>
        <symbol id="m-proof" viewBox="0 0 12 12">
          <path d="M1.5 6.4 4.6 9.4 10.5 2.8" fill="none" stroke="currentColor" strokeWidth="1.8" />
        </symbol>
        <symbol id="m-lock" viewBox="0 0 12 12">
          <path d="M2 5.5h8V11H2Z" fill="currentColor" />
          <path d="M3.8 5.5V3.6a2.2 2.2 0 0 1 4.4 0v1.9" {...stroke} />
        </symbol>
        <symbol id="logo" viewBox="0 0 20 20">
          <path d="M3 2v16M3 10h6M9 2v16" stroke="currentColor" strokeWidth="2.4" fill="none" />
          <path d="M13 15.6h4M13 10h4M13 4.4h4" stroke="currentColor" strokeWidth="2.4" />
        </symbol>
        <symbol id="i-fleet" viewBox="0 0 16 16">
          <path d="M2 4h12M2 8h12M2 12h12M5 2.5v3M10 6.5v3M7 10.5v3" {...stroke} />
        </symbol>
        <symbol id="i-alarms" viewBox="0 0 16 16">
          <path d="M8 2 14.5 13.5h-13ZM8 6.4v3.2M8 11v1" {...stroke} />
        </symbol>
        <symbol id="i-jobs" viewBox="0 0 16 16">
          <path d="M2 3.5h7M2 8h12M6 12.5h8" {...stroke} strokeWidth="2" />
        </symbol>
        <symbol id="i-reports" viewBox="0 0 16 16">
          <path d="M3 1.7h7l3 3v9.6H3zM5.5 8h5M5.5 11h5" {...stroke} />
        </symbol>
        <symbol id="i-settlements" viewBox="0 0 16 16">
          <path d="M8 2v4M8 6 4 10M8 6l4 4M4 10v4M12 10v4" {...stroke} />
        </symbol>
        <symbol id="i-people" viewBox="0 0 16 16">
          <circle cx="8" cy="5" r="2.6" {...stroke} />
          <path d="M2.5 14c.4-3 2.600-4.600 5.500-4.600s5.100 1.600 5.500 4.600" {...stroke} />
        </symbol>
        <symbol id="i-more" viewBox="0 0 16 16">
          <path d="M2 8h2M7 8h2M12 8h2" {...stroke} strokeWidth="2.4" />
        </symbol>
        <symbol id="i-search" viewBox="0 0 16 16">
          <circle cx="7" cy="7" r="4.3" {...stroke} />
          <path d="M10.2 10.2 14 14" {...stroke} />
        </symbol>
        <symbol id="i-theme" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="5.3" {...stroke} />
          <path d="M8 2.700a5.300 5.300 0 0 1 0 10.600Z" fill="currentColor" />
        </symbol>
        <pattern id="p-grid" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="4" height="4" fill="var(--e-grid)" />
          <path d="M.5 0v4" stroke="var(--surface)" />
        </pattern>
        <pattern id="p-storage" width="4" height="4" patternUnits="userSpaceOnUse">
          <rect width="4" height="4" fill="var(--e-storage)" />
          <path d="M0 .5h4" stroke="var(--surface)" />
        </pattern>
        <pattern id="p-nuclear" width="5" height="5" patternUnits="userSpaceOnUse">
          <rect width="5" height="5" fill="var(--e-nuclear)" />
          <path d="M.5 0v5" stroke="var(--surface)" />
        </pattern>
        <pattern id="p-gen" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="5" height="5" fill="var(--e-gen)" />
          <path d="M.5 0v5M0 .5h5" stroke="var(--surface)" />
        </pattern>
        <pattern id="p-heat" width="4" height="4" patternUnits="userSpaceOnUse">
          <rect width="4" height="4" fill="var(--e-heat)" />
          <circle cx="2" cy="2" r=".8" fill="var(--surface)" />
        </pattern>
        <pattern id="p-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M.5 0v5" stroke="var(--rule-2)" />
        </pattern>
      </defs>
    </svg>
  );
});
