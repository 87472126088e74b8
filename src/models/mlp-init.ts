import type { Steps } from '../core/steps.ts'
import { at, type Pointer } from '../kernel/index.ts'
import type { NetworkRows } from './mlp-network.ts'
import type { WeightInit } from './mlp-options.ts'

/** Weights drawn in one go: an even number, as normal ones come in pairs. */
const SLICE = 2 ** 17

/**
 * Draws the first weights, in the kernel, so that they are the same in every engine; biases are 0.
 *
 *   glorotUniform   uniform within +- sqrt(6 / (inputs + outputs))   Glorot and Bengio, AISTATS 2010, equation 16
 *   heNormal        normal, deviation sqrt(2 / inputs)               He et al., ICCV 2015, equation 10
 *
 * 'auto' is heNormal for a layer that relu follows, glorotUniform for all others. `random`: 4 words of generator state.
 */
export function* drawWeights(net: NetworkRows, init: WeightInit, random: Pointer): Steps<void> {
  const { kernels, memory } = net.kernel
  const { sizes, activation } = net.shape
  memory.f32(net.params, net.size).fill(0)
  let to = net.params
  for (let l = 0; l < net.layers; l++) {
    const [inputs, outputs] = [sizes[l]!, sizes[l + 1]!]
    const reluFollows = activation === 'relu' && l + 1 < net.layers
    const isNormal = init === 'heNormal' || (init === 'auto' && reluFollows)
    const limit = Math.sqrt(6 / (inputs + outputs))
    for (let begin = 0; begin < inputs * outputs; begin += SLICE) {
      const count = Math.min(SLICE, inputs * outputs - begin)
      if (isNormal) kernels.normal(count, at(to, begin * 4), random, 0, Math.sqrt(2 / inputs))
      else kernels.uniform(count, at(to, begin * 4), random, -limit, limit)
      yield
    }
    to = at(to, (inputs + 1) * outputs * 4)
  }
}
