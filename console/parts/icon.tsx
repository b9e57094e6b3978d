/** Paths on a grid of 24, drawn as strokes. */
const paths = {
  kait: 'M7 4v16M17 5l-9.5 7.2M11.5 9.5c3.5 1 6 3 6 6a3.2 3.2 0 0 1-6.4 0',
  home: 'M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-6h4v6',
  event: 'M13 3L5 14h6l-1 7 8-11h-6z',
  run: 'M6 6h4M14 6h4M6 6a2 2 0 1 0-4 0 2 2 0 0 0 4 0M22 6a2 2 0 1 0-4 0 2 2 0 0 0 4 0M14 18a2 2 0 1 0-4 0 2 2 0 0 0 4 0M12 6v10M10 6h4',
  approval: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8 12.2l2.7 2.7L16 9.5',
  definition: 'M14 3H6v18h12V7zM14 3v4h4M10 12l-2 2.5 2 2.5M14 12l2 2.5-2 2.5',
  playground: 'M9 3h6M10 3v6l-5.5 9.5A1.7 1.7 0 0 0 6 21h12a1.7 1.7 0 0 0 1.5-2.5L14 9V3M7.5 15h9',
  source: 'M4 14v5h16v-5M12 4v10M8 10.5l4 4 4-4',
  endpoint: 'M4 14v5h16v-5M12 14V4M8 7.500l4-4 4 4',
  types: 'M4 4h7l9 9-7 7-9-9zM8 8v.01',
  system: 'M4 4h16v7H4zM4 13h16v7H4zM7.5 7.500v.01M7.5 16.500v.01',
  audit: 'M5 4h14v16H5zM8.5 8.500h7M8.5 12h7M8.5 15.500h4',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l4.5 4.5',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4',
  moon: 'M20 14.500A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5',
  auto: 'M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 3.500v17M12 8h5.500M12 12h8M12 16h5.5',
  globe: 'M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M3.5 12h17M12 3.500c5 5 5 12 0 17M12 3.500c-5 5-5 12 0 17',
  keyboard: 'M3 7h18v10H3zM6.5 10.200v.01M10 10.200v.01M13.5 10.200v.01M17 10.200v.01M8 14h8',
  logout: 'M14 4H5v16h9M10 12h11M17.5 8.500L21 12l-3.5 3.5',
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6L6 18',
  down: 'M6 9l6 6 6-6',
  right: 'M9 6l6 6-6 6',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  external: 'M10 5H5v14h14v-5M13 4h7v7M20 4l-9 9',
  check: 'M5 12.500l4.5 4.500L19 7.5',
  alert: 'M12 4L2.5 20h19zM12 10v4.500M12 17.300v.01',
  info: 'M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 11v5.500M12 7.800v.01',
  clock: 'M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.500V12l3 2.5',
  pause: 'M8.5 5v14M15.5 5v14',
  play: 'M7 4.500v15l12-7.500z',
  stop: 'M6 6h12v12H6z',
  retry: 'M20 12a8 8 0 1 1-2.5-5.800M20 3.500v4h-4',
  skip: 'M5 5v14l9-7zM18.5 5v14',
  edit: 'M4 20l1-4.500L16.5 4l3.5 3.500L8.5 19zM14 6.500l3.5 3.5',
  undo: 'M9 5L4 10l5 5M4 10h10a6 6 0 0 1 0 12h-3',
  more: 'M5.5 12v.01M12 12v.01M18.5 12v.01',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  fit: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  filter: 'M4 5h16l-6 8v6l-4-2v-4z',
  key: 'M8 11a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M11.2 12.300L20 3.500M16.5 7l3 3',
  eye: 'M2.5 12c3-5 6-7 9.5-7s6.5 2 9.5 7c-3 5-6 7-9.5 7s-6.5-2-9.5-7M12 9.200a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6',
} as const;

export type IconName = keyof typeof paths;

/** A picture for those who see it. What it means is said beside it. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      class={`icon icon-${name}`}
      width={size}
      height={size}
      viewBox={name === 'kait' ? '-5 -5 34 34' : '0 0 24 24'}
      fill="none"
      stroke="currentColor"
      stroke-width={name === 'kait' ? 2.6 : 1.8}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
