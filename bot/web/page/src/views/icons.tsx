// The page's icons: strokes on a 24 × 24 grid.
import type { ComponentChildren } from 'preact'

const PATHS = {
  send: <path d="M12 19V5.5M5.5 11.5 12 5l6.5 6.5" />,
  mic: <path d="M12 4a2.6 2.6 0 0 0-2.6 2.6v5.2a2.6 2.6 0 0 0 5.2 0V6.6A2.6 2.6 0 0 0 12 4zM6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3" />,
  dress: <path d="M12 8.2a1.9 1.9 0 1 0-1.9-1.9M12 8.2v1.3l7.4 5.2c1.3.9.7 2.300-.7 2.300H5.300c-1.400 0-2-1.400-.7-2.300L12 9.5" />,
  stop: <rect x="7" y="7" width="10" height="10" rx="2.5" fill="currentColor" stroke="none" />,
  picture: (
    <>
      <rect x="3.5" y="5" width="17" height="14" rx="3.5" />
      <circle cx="9" cy="10" r="1.6" />
      <path d="m4.5 17 4.6-4 3.2 2.6 3-2.6 4.4 4" />
    </>
  ),
  more: (
    <>
      <circle cx="6" cy="12" r="1.1" fill="currentColor" />
      <circle cx="12" cy="12" r="1.1" fill="currentColor" />
      <circle cx="18" cy="12" r="1.1" fill="currentColor" />
    </>
  ),
  pen: <path d="m5 19 .9-4L16.400 4.500a1.800 1.800 0 0 1 2.600 0l.5.5a1.800 1.800 0 0 1 0 2.600L9 18.100zM14.500 6.400l3.100 3.100" />,
  sound: <path d="M4.5 10v4h3l4.5 3.8V6.2L7.5 10zM15.5 9.2a4 4 0 0 1 0 5.6M18 6.8a7.4 7.4 0 0 1 0 10.4" />,
  muted: <path d="M4.5 10v4h3l4.5 3.8V6.2L7.5 10zM16 9.8l4.4 4.4M20.4 9.8 16 14.2" />,
  captions: (
    <>
      <rect x="3.5" y="5.5" width="17" height="13" rx="3.5" />
      <path d="M7.5 14.8h4M14 14.8h2.5M7.5 11.4h2M12 11.4h4.5" />
    </>
  ),
  close: <path d="m6.5 6.5 11 11M17.5 6.5l-11 11" />,
  ask: (
    <>
      <path d="M12 4.5c4.7 0 8 2.9 8 6.700s-3.3 6.7-8 6.700c-.9 0-1.7-.1-2.5-.3L5.5 19.700l.6-3.500C4.8 15 4 13.2 4 11.200c0-3.8 3.3-6.7 8-6.700z" />
      <path d="M10.2 9.700c.1-1 .8-1.6 1.8-1.600s1.8.6 1.8 1.500c0 1.3-1.8 1.4-1.8 2.700M12 14.500v.1" />
    </>
  ),
  heart: <path d="M12 19.200C7.3 16 4.3 13.3 4.3 9.900c0-2.4 1.8-4.2 4-4.2 1.5 0 2.9.8 3.7 2.2.8-1.4 2.2-2.2 3.7-2.2 2.2 0 4 1.8 4 4.2 0 3.4-3 6.1-7.7 9.300z" />,
  pin: <path d="M9 4.500h6M10 4.500v5l-3 3.500v1.500h10V13l-3-3.500v-5M12 14.500v5" />,
  back: <path d="m14.5 5.5-6.5 6.5 6.5 6.5" />,
  spark: <path d="M12 4c.7 4.3 2.7 6.5 7 7.5-4.3 1-6.3 3.2-7 7.5-.7-4.3-2.7-6.5-7-7.5 4.3-1 6.3-3.2 7-7.500z" />,
  save: <path d="M12 4.5v10M7.5 10.5l4.5 4.5 4.5-4.5M5 19.5h14" />,
  down: <path d="m6.5 10 5.5 5.5L17.5 10" />,
  good: <path d="M7.5 11v8H5V11zM7.5 11l3.8-6.6c1.6 0 2.4 1.2 2.1 2.7L12.9 10h4.6c1.2 0 2 1 1.7 2.2l-1.3 5.2c-.2 1-1 1.6-2 1.6H7.5" />,
  bad: <path d="M7.5 13V5H5v8zM7.5 13l3.8 6.6c1.6 0 2.4-1.2 2.1-2.7l-.5-2.9h4.6c1.2 0 2-1 1.7-2.2l-1.3-5.2c-.2-1-1-1.6-2-1.6H7.5" />,
  play: <path d="M8.5 6.3v11.4c0 .6.6.9 1.1.6l8.6-5.7c.4-.3.4-.9 0-1.2L9.6 5.7c-.5-.3-1.1 0-1.1.6z" fill="currentColor" stroke="none" />,
  fresh: <path d="M12 5.2H7.5a3 3 0 0 0-3 3V15a3 3 0 0 0 3 3h.8v2.4L12 18h4.5a3 3 0 0 0 3-3v-2.6M17.5 3.6v6M14.5 6.6h6" />,
  bin: <path d="M5 7.2h14M10 7V5h4v2M7 7.2l.8 11a1.6 1.6 0 0 0 1.6 1.5h5.2a1.6 1.6 0 0 0 1.6-1.5l.8-11M10.4 11v5M13.6 11v5" />,
  world: <path d="M12 3.8a8.2 8.2 0 1 0 0 16.4 8.2 8.2 0 0 0 0-16.4zM4 12h16M12 3.8c2.4 2.3 3.5 5 3.5 8.2s-1.100 5.900-3.500 8.200c-2.400-2.300-3.500-5-3.500-8.200s1.100-5.900 3.500-8.200z" />,
  paper: <path d="M7 4.500h7l3.500 3.500v11.500H7zM14 4.500V8h3.500M9.800 12h5M9.800 15.200h5" />,
  pulse: <path d="M5 12.500c1.500 0 1.700-3 3-3s1.500 6 3 6 1.600-9 3.100-9 1.500 6 2.900 6h2" />,
} satisfies Record<string, ComponentChildren>

export type IconName = keyof typeof PATHS

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      {PATHS[name]}
    </svg>
  )
}
