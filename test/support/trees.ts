// Random expression trees: every operator, widths 1..70, arrays of numbers and of Booleans. Sub-trees are reused, so that
// rules about equal operands get their chance.

import { type ArraySort, arraySort, boolSort, bvSort, type Sort, sortKey } from '../../src/model/sort.ts'
import type { Choices } from './choices.ts'
import * as t from './tree.ts'
import type { Tree } from './tree.ts'

const REUSED_SIZE = 40

export class TreeMaker {
  private readonly choices: Choices
  private readonly made = new Map<string, Tree[]>()

  constructor(choices: Choices) {
    this.choices = choices
  }

  any(depth: number): Tree {
    const kind = this.choices.below(10)
    if (kind < 5) return this.number(this.choices.width(), depth)
    return kind < 9 ? this.truth(depth) : this.array(this.arraySort(), depth)
  }

  ofSort(sort: Sort, depth: number): Tree {
    if (sort.kind === 'bool') return this.truth(depth)
    return sort.kind === 'bv' ? this.number(sort.width, depth) : this.array(sort, depth)
  }

  number(width: number, depth: number): Tree {
    return this.remember(bvSort(width), depth, (d) => this.freshNumber(width, d))
  }
  truth(depth: number): Tree {
    return this.remember(boolSort, depth, (d) => this.freshTruth(d))
  }
  array(sort: ArraySort, depth: number): Tree {
    return this.remember(sort, depth, (d) => {
      const c = this.choices
      const element = () => this.ofSort(sort.element, d)
      switch (c.below(4)) {
        case 0:
          return t.everywhere(sort.index, element())
        case 1:
          return t.choose(this.truth(d), this.array(sort, d), this.array(sort, d))
        default:
          return t.store(this.array(sort, d), this.number(sort.index, d), element())
      }
    })
  }

  arraySort(): ArraySort {
    const c = this.choices
    return arraySort(c.pick([8, 3, 1, 12, 64]), c.chance(30) ? boolSort : bvSort(c.pick([4, 1, 8, 64])))
  }

  /** A leaf, a tree made before, or a fresh one; remembered for reuse. */
  private remember(sort: Sort, depth: number, fresh: (depth: number) => Tree): Tree {
    const key = sortKey(sort)
    const before = this.made.get(key) ?? []
    const c = this.choices
    if (depth <= 0) return before.length > 0 && c.chance(30) ? c.pick(before) : this.leaf(sort)
    if (before.length > 0 && c.chance(30)) return c.pick(before)
    const tree = c.chance(85) ? fresh(depth - 1) : this.leaf(sort)
    if (t.sizeOf(tree) <= REUSED_SIZE) this.made.set(key, [...(this.made.get(key) ?? []), tree])
    return tree
  }

  private leaf(sort: Sort): Tree {
    const c = this.choices
    if (sort.kind === 'array' || c.chance(50)) return t.variable(c.pick(['x', 'y', 'z']), sort)
    return sort.kind === 'bool' ? t.constant(c.chance(50)) : t.number(sort.width, c.bitVector(sort.width))
  }

  private freshNumber(width: number, depth: number): Tree {
    const c = this.choices
    const one = () => this.number(width, depth)
    switch (c.below(15)) {
      case 0:
        return t.choose(this.truth(depth), one(), one())
      case 1:
        return t.bitnot(one())
      case 2:
        if (width === 1) return t.toBit(this.truth(depth))
        return t.zext(this.number(c.within(1, width - 1), depth), width)
      case 3:
      case 4: {
        if (width === 1) return t.toBit(this.truth(depth))
        const split = c.within(1, width - 1)
        return t.concat(this.number(width - split, depth), this.number(split, depth))
      }
      case 5:
      case 6: {
        const full = width + c.below(9)
        const low = c.below(full - width + 1)
        return t.bits(this.number(full, depth), low + width - 1, low)
      }
      case 7: {
        const sort = arraySort(c.pick([8, 3, 64]), bvSort(width))
        return t.select(this.array(sort, depth), this.number(sort.index, depth))
      }
      default:
        return t.binary(c.pick(['plus', 'minus', 'times', 'bitand', 'bitor', 'bitxor', 'shl', 'lshr']), one(), one())
    }
  }

  private freshTruth(depth: number): Tree {
    const c = this.choices
    const truth = () => this.truth(depth)
    const several = () => Array.from({ length: c.below(5) }, truth)
    const width = c.width()
    const number = () => this.number(width, depth)
    switch (c.below(14)) {
      case 0:
        return t.not(truth())
      case 1:
      case 2:
        return t.all(...several())
      case 3:
        return t.any(...several())
      case 4:
        return t.logic(c.pick(['implies', 'iff', 'xor']), truth(), truth())
      case 5:
        return t.choose(truth(), truth(), truth())
      case 6:
        return t.bit(number(), c.below(width))
      case 7: {
        const sort = arraySort(c.pick([8, 3, 64]), boolSort)
        return t.select(this.array(sort, depth), this.number(sort.index, depth))
      }
      case 8: {
        // The evaluator's array equality compares defaults: exact as long as some index is written to by neither.
        const sort = arraySort(c.pick([8, 12, 64]), this.arraySort().element)
        return t.same(this.array(sort, depth), this.array(sort, depth))
      }
      case 9:
        return t.same(truth(), truth())
      case 10:
        return t.same(number(), number())
      default:
        return t.logic(c.pick(['ne', 'ult', 'ule', 'ugt', 'uge']), number(), number())
    }
  }
}
