/** What whoever runs the server needs. */

import { BadValue } from '../bad-value.ts';
import { listenAddress } from '../network-types.ts';
import { duration, headerSecret, list, type OptionType, optional, orOff, orWord } from '../option-types.ts';
import { isRiskName, riskNames } from '../risk-names.ts';
import type { OptionVisitor } from './option.ts';

export function operatingOptions(option: OptionVisitor) {
  return {
    adminToken: option(
      'ADMIN_TOKEN',
      optional(headerSecret(24)),
      '',
      'The secret that opens /v1/admin; without it there is no administration.',
    ),
    metrics: option(
      'METRICS',
      orOff(
        orWord(listenAddress, 'admin', 'admin', '/metrics of the server itself, behind ADMIN_TOKEN'),
        'off',
        'nowhere',
      ),
      'admin',
      'Where Prometheus finds the figures; at an address of their own they need no token.',
    ),
    acceptedRisks: option(
      'ACCEPTED_RISKS',
      list(riskName, 'names of risks'),
      '',
      'What is not to be warned of at the start, by the names that the warnings end with.',
    ),
    shutdownMs: option(
      'SHUTDOWN_SECONDS',
      duration('seconds', 0, 600),
      '5',
      'How many seconds open streams and requests have to end when the server stops.',
    ),
  };
}

const riskName: OptionType<string> = {
  expected: `one of ${Object.keys(riskNames).join(', ')}`,
  parse(text) {
    if (!isRiskName(text)) throw new BadValue(riskName.expected);
    return text;
  },
};
