/** Steps upward: one superstep after the other. */
export function Logo({ size, className }: { size: number, className?: string | undefined }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden className={className}>
      <path d="M3 20h5v-5h5v-5h5V6" />
      <circle cx="18" cy="4.4" r="1.5" fill="currentColor" />
    </svg>
  )
}
