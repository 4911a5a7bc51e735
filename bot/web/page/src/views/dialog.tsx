// A dialog that closes by Escape, by its buttons, or by a touch beside it.
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

export function Dialog(props: { class: string; label: string; style?: Record<string, string>; close: () => void; children: ComponentChildren }) {
  const self = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    self.current?.showModal()
    return () => before instanceof HTMLElement && before.focus()
  }, [])
  const beside = (event: MouseEvent) => event.target === self.current && props.close()
  return (
    <dialog ref={self} class={props.class} aria-label={props.label} style={props.style} onClose={props.close} onClick={beside}>
      {props.children}
    </dialog>
  )
}
