/**
 * Texts that a machine may send to make a page run them (security D01): markup, attributes, links, templates, broken
 * encodings. Each would set `window.hit` or open a dialog if anything took it for more than text.
 */

const patterns: readonly ((mark: string) => string)[] = [
  (mark) => `<script>hit=${mark}</script>`,
  (mark) => `"><script>hit=${mark}</script>`,
  (mark) => `</title><script>hit=${mark}</script>`,
  (mark) => `<img src=x onerror=hit=${mark}>`,
  (mark) => `'"><img src=x onerror=hit=${mark}>`,
  (mark) => `<svg onload=hit=${mark}>`,
  (mark) => `<svg><script>hit=${mark}</script></svg>`,
  (mark) => `<iframe srcdoc="<script>hit=${mark}</script>">`,
  (mark) => `<iframe src=javascript:hit=${mark}>`,
  (mark) => `<a href="javascript:hit=${mark}">x</a>`,
  (mark) => `javascript:hit=${mark}`,
  (mark) => `" onmouseover="hit=${mark}" autofocus onfocus="hit=${mark}`,
  (mark) => `' style='animation:x' onanimationstart='hit=${mark}`,
  (mark) => `<style>@import'//x/${mark}';</style>`,
  (mark) => `<details open ontoggle=hit=${mark}>`,
  (mark) => `<body onpageshow=hit=${mark}>`,
  (mark) => `<math><mi href=javascript:hit=${mark}>`,
  (mark) => `<base href=//x/${mark}>`,
  (mark) => `<meta http-equiv=refresh content=0;url=/${mark}>`,
  (mark) => `\${hit=${mark}}{{hit=${mark}}}`,
  (mark) => `&lt;script&gt;hit=${mark}&lt;/script&gt;`,
  (mark) => `--><script>hit=${mark}</script><!--`,
  (mark) => `]]><script>hit=${mark}</script>`,
  (mark) => `{"dangerouslySetInnerHTML":{"__html":"${mark}"}}`,
  (mark) => `</pre></table></main><plaintext hit=${mark}>`,
]

export const hostileTextCount = patterns.length

/** One of each kind, none equal to those of another place. */
export function hostileTexts(place: number): readonly string[] {
  return patterns.map((pattern, index) => pattern(String(place * 100 + index)))
}
