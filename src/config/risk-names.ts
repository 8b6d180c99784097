/** What is warned of at the start, by names for `ACCEPTED_RISKS`, each with why it is one. */

export const riskNames = {
  'plain-http': 'who is between reads messages and takes over sessions',
  'open-admin': 'nobody vouches for names: anybody passes for the operator, and who is banned comes again',
  'public-feed': 'who talks proves who he is, and anybody may read it',
  'feed-origins':
    'any page that somebody visits reads the feed as he could, also from outside of his network',
  'embed-origins':
    'any page may show the room as if it were its own, and read what its visitors are shown there',
  'open-metrics': 'the figures say who runs what, and how close to its limits it is',
  'readable-secrets': 'others on this machine read the file, or change it',
  'memory-store': 'a restart ends all sessions and loses what was said',
} as const satisfies Record<string, string>;

export type RiskName = keyof typeof riskNames;

export function isRiskName(text: string): text is RiskName {
  return Object.hasOwn(riskNames, text);
}
