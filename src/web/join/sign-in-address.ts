/**
 * The address where one signs in, and comes back from.
 * @param template with `{url}` where the latter belongs
 */
export function signInAddress(template: string, back: string): string {
  return template.replaceAll('{url}', encodeURIComponent(back));
}
