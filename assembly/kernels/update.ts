import { Lanes, lanes } from '../lanes'

/**
 * Parameter updates from a gradient; p, g and the state m, v are n float32 each, any n.
 *
 *   sgd        p -= rate g
 *   momentum   m = mu m + g,  p -= rate m                      (Polyak; PyTorch's form)
 *   nesterov   m = mu m + g,  p -= rate (g + mu m)
 *   adam       m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2,
 *              p -= rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)       (Kingma and Ba, arXiv:1412.6980)
 *   adamw      the same after p *= 1 - rate decay                              (Loshchilov and Hutter, arXiv:1711.05101)
 *
 * settings   float64 [rate, mu or b1, b2, eps, decay, b1^t, b2^t], then room for 8 float32. The powers belong to the
 *            state: they begin at 1 and grow by a product a step, so that no engine's pow is asked.
 */
export const enum Optimizer {
  Sgd = 0,
  Momentum = 1,
  Nesterov = 2,
  Adam = 3,
  AdamW = 4,
}

/** The settings as the loops read them, float32 behind the float64: a broadcast load each. */
export const FACTORS: usize = 56
const RATE: usize = 0
const FIRST: usize = 4
const FIRST_REST: usize = 8
const SECOND: usize = 12
const SECOND_REST: usize = 16
const SECOND_UNBIASED: usize = 20
const EPSILON: usize = 24
const KEEP: usize = 28

/** A step of n parameters. */
export function update(optimizer: u32, n: u32, p: usize, g: usize, m: usize, v: usize, settings: usize): void {
  prepare(optimizer, settings)
  apply(optimizer, n, p, g, m, v, settings)
}

/** Moves n parameters by what `prepare` has made of the settings. */
export function apply(optimizer: u32, n: u32, p: usize, g: usize, m: usize, v: usize, settings: usize): void {
  switch (optimizer) {
    case Optimizer.Momentum:
      stepOf<MomentumStep>(n, p, g, m, v, settings + FACTORS)
      break
    case Optimizer.Nesterov:
      stepOf<NesterovStep>(n, p, g, m, v, settings + FACTORS)
      break
    case Optimizer.Adam:
    case Optimizer.AdamW:
      stepOf<AdamStep>(n, p, g, m, v, settings + FACTORS)
      break
    default:
      stepOf<SgdStep>(n, p, g, m, v, settings + FACTORS)
  }
}

/** The parameters of the steps from now to the next `prepare` do not decay. */
export function spare(settings: usize): void {
  store<f32>(settings + FACTORS, 1, KEEP)
}

/** Advances the powers and puts the settings into float32, once a step. */
export function prepare(optimizer: u32, settings: usize): void {
  const f = settings + FACTORS
  const rate = load<f64>(settings)
  const first = load<f64>(settings, 8)
  const second = load<f64>(settings, 16)
  let effective = rate
  if (optimizer >= <u32>Optimizer.Adam) {
    const firstPower = load<f64>(settings, 40) * first
    const secondPower = load<f64>(settings, 48) * second
    store<f64>(settings, firstPower, 40)
    store<f64>(settings, secondPower, 48)
    effective = rate / (1 - firstPower)
    store<f32>(f, <f32>(1 / (1 - secondPower)), SECOND_UNBIASED)
  }
  store<f32>(f, <f32>effective, RATE)
  store<f32>(f, <f32>first, FIRST)
  store<f32>(f, <f32>(1 - first), FIRST_REST)
  store<f32>(f, <f32>second, SECOND)
  store<f32>(f, <f32>(1 - second), SECOND_REST)
  store<f32>(f, <f32>load<f64>(settings, 24), EPSILON)
  store<f32>(f, optimizer == Optimizer.AdamW ? <f32>(1 - rate * load<f64>(settings, 32)) : 1, KEEP)
}

function stepOf<S>(n: u32, p: usize, g: usize, m: usize, v: usize, f: usize): void {
  const step = changetype<S>(0)
  for (let i: u32 = 0; i < n; i += lanes()) {
    step.apply(p, Lanes.loadUpTo(g, n - i), m, v, f, n - i)
    p += sizeof<Vec>()
    g += sizeof<Vec>()
    m += sizeof<Vec>()
    v += sizeof<Vec>()
  }
}

@final
@unmanaged
export class SgdStep {
  @inline apply(p: usize, g: Vec, m: usize, v: usize, f: usize, count: u32): void {
    Lanes.storeUpTo(p, Lanes.nmadd(Lanes.loadSplat(f), g, Lanes.loadUpTo(p, count)), count)
  }
}

@final
@unmanaged
export class MomentumStep {
  @inline apply(p: usize, g: Vec, m: usize, v: usize, f: usize, count: u32): void {
    const next = Lanes.madd(Lanes.loadSplat(f + FIRST), Lanes.loadUpTo(m, count), g)
    Lanes.storeUpTo(m, next, count)
    Lanes.storeUpTo(p, Lanes.nmadd(Lanes.loadSplat(f), next, Lanes.loadUpTo(p, count)), count)
  }
}

@final
@unmanaged
export class NesterovStep {
  @inline apply(p: usize, g: Vec, m: usize, v: usize, f: usize, count: u32): void {
    const mu = Lanes.loadSplat(f + FIRST)
    const next = Lanes.madd(mu, Lanes.loadUpTo(m, count), g)
    Lanes.storeUpTo(m, next, count)
    const ahead = Lanes.madd(mu, next, g)
    Lanes.storeUpTo(p, Lanes.nmadd(Lanes.loadSplat(f), ahead, Lanes.loadUpTo(p, count)), count)
  }
}

@final
@unmanaged
export class AdamStep {
  @inline apply(p: usize, g: Vec, m: usize, v: usize, f: usize, count: u32): void {
    const first = Lanes.mul(Lanes.loadSplat(f + FIRST_REST), g)
    const mean = Lanes.madd(Lanes.loadSplat(f + FIRST), Lanes.loadUpTo(m, count), first)
    const second = Lanes.mul(Lanes.loadSplat(f + SECOND_REST), Lanes.mul(g, g))
    const square = Lanes.madd(Lanes.loadSplat(f + SECOND), Lanes.loadUpTo(v, count), second)
    Lanes.storeUpTo(m, mean, count)
    Lanes.storeUpTo(v, square, count)
    const root = Lanes.sqrt(Lanes.mul(Lanes.loadSplat(f + SECOND_UNBIASED), square))
    const step = Lanes.div(mean, Lanes.add(root, Lanes.loadSplat(f + EPSILON)))
    const kept = Lanes.mul(Lanes.loadSplat(f + KEEP), Lanes.loadUpTo(p, count))
    Lanes.storeUpTo(p, Lanes.nmadd(Lanes.loadSplat(f), step, kept), count)
  }
}
