/** What is generated stands in Markdown between `<!-- name -->` and `<!-- /name -->`. */

/**
 * A Markdown text with what is between its markers brought up to date.
 * @throws Error if it has no markers
 */
export function betweenMarkers(markdown: string, name: string, text: string): string {
  const marker = { start: `<!-- ${name} -->`, end: `<!-- /${name} -->` };
  const start = markdown.indexOf(marker.start);
  const end = markdown.indexOf(marker.end);
  if (start < 0 || end < start) throw new Error(`Expected ${marker.start} … ${marker.end}.`);
  return [markdown.slice(0, start + marker.start.length), text, markdown.slice(end)].join('\n\n');
}
