// The glass before a kiosk: the screen stays on and full, and no menu, zoom or selection comes of a touch.

/** Keep the screen on as long as the page is seen; the lock is lost whenever it is hidden. */
export function awake(): void {
  const take = () => {
    if (document.visibilityState === 'visible') void navigator.wakeLock?.request('screen').catch(() => undefined)
  }
  document.addEventListener('visibilitychange', take)
  take()
}

/** Fill the screen; only a touch may ask for it. */
export function fill(): void {
  if (document.fullscreenElement || !document.fullscreenEnabled) return
  void document.documentElement.requestFullscreen({ navigationUI: 'hide' }).catch(() => undefined)
}

/** Keep hands that play with the glass from changing the page. */
export function shield(): void {
  const no = (event: Event) => event.preventDefault()
  for (const name of ['contextmenu', 'dragstart', 'gesturestart']) document.addEventListener(name, no)
  document.addEventListener('wheel', (event) => event.ctrlKey && event.preventDefault(), { passive: false })
  document.addEventListener('touchmove', (event) => event.touches.length > 1 && event.preventDefault(), { passive: false })
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && ['+', '-', '=', '0', 's', 'p', 'o'].includes(event.key)) event.preventDefault()
  })
}
