// Directions, turns and their sums, without any library: the drawn body uses them too.

export type Vec = [x: number, y: number, z: number]
/** A unit quaternion. */
export type Quat = [x: number, y: number, z: number, w: number]

export function add(a: Readonly<Vec>, b: Readonly<Vec>, share = 1): Vec {
  return [a[0] + b[0] * share, a[1] + b[1] * share, a[2] + b[2] * share]
}

export function dot(a: Readonly<Vec>, b: Readonly<Vec>): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

export function cross(a: Readonly<Vec>, b: Readonly<Vec>): Vec {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/** The same direction with length 1; a vector without length becomes x. */
export function unit(a: Readonly<Vec>): Vec {
  const length = Math.hypot(...a)
  return length < 1e-9 ? [1, 0, 0] : [a[0] / length, a[1] / length, a[2] / length]
}

/** What is left of `a` at a right angle to the unit vector `b`. */
export function across(a: Readonly<Vec>, b: Readonly<Vec>): Vec {
  return add(a, b, -dot(a, b))
}

/** A turn by `angle` radians about the x, y or z axis. */
export function about(axis: 0 | 1 | 2, angle: number): Quat {
  const turn: Quat = [0, 0, 0, Math.cos(angle / 2)]
  turn[axis] = Math.sin(angle / 2)
  return turn
}

/** First `b`, then `a`. */
export function times(a: Readonly<Quat>, b: Readonly<Quat>): Quat {
  const [ax, ay, az, aw] = a
  const [bx, by, bz, bw] = b
  return [aw * bx + ax * bw + ay * bz - az * by, aw * by + ay * bw + az * bx - ax * bz, aw * bz + az * bw + ax * by - ay * bx, aw * bw - ax * bx - ay * by - az * bz]
}

export function inverse([x, y, z, w]: Readonly<Quat>): Quat {
  return [-x, -y, -z, w]
}

export function turned(q: Readonly<Quat>, v: Readonly<Vec>): Vec {
  const axis: Vec = [q[0], q[1], q[2]]
  const t = cross(axis, v)
  const u = cross(axis, t)
  return [v[0] + 2 * (q[3] * t[0] + u[0]), v[1] + 2 * (q[3] * t[1] + u[1]), v[2] + 2 * (q[3] * t[2] + u[2])]
}

/** The turn that brings the axes to x, y, z (a right-handed set of unit vectors). */
export function framed(x: Readonly<Vec>, y: Readonly<Vec>, z: Readonly<Vec>): Quat {
  const trace = x[0] + y[1] + z[2]
  if (trace > 0) {
    const s = Math.sqrt(trace + 1) * 2
    return [(y[2] - z[1]) / s, (z[0] - x[2]) / s, (x[1] - y[0]) / s, s / 4]
  }
  if (x[0] > y[1] && x[0] > z[2]) {
    const s = Math.sqrt(1 + x[0] - y[1] - z[2]) * 2
    return [s / 4, (y[0] + x[1]) / s, (z[0] + x[2]) / s, (y[2] - z[1]) / s]
  }
  if (y[1] > z[2]) {
    const s = Math.sqrt(1 + y[1] - x[0] - z[2]) * 2
    return [(y[0] + x[1]) / s, s / 4, (z[1] + y[2]) / s, (z[0] - x[2]) / s]
  }
  const s = Math.sqrt(1 + z[2] - x[0] - y[1]) * 2
  return [(z[0] + x[2]) / s, (z[1] + y[2]) / s, s / 4, (x[1] - y[0]) / s]
}

export function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share
}

/** Smooth 0 → 1 with rest at both ends. */
export function ease(x: number): number {
  const c = Math.min(1, Math.max(0, x))
  return c * c * (3 - 2 * c)
}

/** Softer still: speed and its change rest at both ends. */
export function glide(x: number): number {
  const c = Math.min(1, Math.max(0, x))
  return c * c * c * (c * (6 * c - 15) + 10)
}

/** Share of the way to go in `dt` seconds at a speed per second. */
export function toward(speed: number, dt: number): number {
  return 1 - Math.exp(-speed * dt)
}
