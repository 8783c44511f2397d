// Covers: file names as a person at a terminal expects them.
import { relative } from 'node:path'

/** Relative to the working directory when the file lies below it. */
export function shownPath(file: string, cwd: string): string {
  const path = relative(cwd, file)
  return path === '' || path.startsWith('..') ? file : path
}

/** `src/smm/walk.ts:41`. */
export const placeText = ({ file, line }: { readonly file: string; readonly line: number }, cwd: string): string =>
  `${shownPath(file, cwd)}:${line}`
