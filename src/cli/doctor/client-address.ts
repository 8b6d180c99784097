/** Whose address the server sees: limits and bans go by it. Only its operator is told. */

import { BlockList, isIP } from 'node:net';
import { memberOf } from '../chat/json.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { type Answer, jsonIn, type Line } from './line.ts';

/** Belongs to nobody (RFC 5737): whoever sees it believes what clients say of themselves. */
export const forgedAddress = '192.0.2.77';

const proxies = 'docs/proxies.md';
/** As many as an answer has that is read whole, with room for who comes and goes meanwhile. */
const pageLimit = 200;

/** Networks that no client beyond them can have an address of. */
const inner = new BlockList();
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  inner.addSubnet(network, bits, 'ipv4');
}
inner.addAddress('::1', 'ipv6');
inner.addSubnet('fc00::', 7, 'ipv6');
inner.addSubnet('fe80::', 10, 'ipv6');

/**
 * @param created the answer to a `create` that said it came from `forgedAddress`
 */
export async function checkAddress(
  line: Line,
  adminToken: string,
  room: string,
  created: Answer,
): Promise<Finding[]> {
  const { problem, untried } = findingsOf('client address');
  const id = memberOf(jsonIn(created), 'sessionId');
  const headers = { Authorization: `Bearer ${adminToken}` };
  const page = (limit: number, offset: number) =>
    line.ask(`/v1/admin/sessions?room=${room}&limit=${limit}&offset=${offset}`, { headers });
  const count = Number(memberOf(jsonIn(await page(1, 0)), 'total'));
  // The newest are the last ones.
  const newest = await page(
    pageLimit,
    Math.max(0, (Number.isSafeInteger(count) ? count : 0) - pageLimit / 2),
  );
  const sessions = memberOf(jsonIn(newest), 'sessions');
  const own = Array.isArray(sessions) ? sessions.find((one) => memberOf(one, 'sessionId') === id) : undefined;
  const seen = memberOf(own, 'address');
  if (typeof seen !== 'string') {
    const detail = memberOf(jsonIn(newest), 'detail');
    return [
      untried(
        `The server does not tell whose address it sees: it answers ${newest.status}${typeof detail === 'string' ? ` ${said(detail)}` : ''}.`,
        'Check the token of --admin-token-file, and whether the proxy lets /v1/admin through.',
      ),
    ];
  }
  if (seen === forgedAddress) {
    return [
      problem(
        'The server believes what a client says of its own address.',
        `Have the proxy overwrite X-Forwarded-For, and nobody but the proxy stand in TRUST_PROXY (${proxies}).`,
      ),
    ];
  }
  return [addressFinding(seen, created)];
}

/**
 * @param seen by the server
 * @param way what this machine calls both ends of its connection
 */
export function addressFinding(seen: string, { local, remote }: Pick<Answer, 'local' | 'remote'>): Finding {
  const { ok, problem } = findingsOf('client address');
  if (seen === local) return ok(`The server sees this machine’s address, ${seen}.`);
  if (seen === remote || (isInner(seen) && !isInner(remote))) {
    return problem(
      `The server sees ${said(seen)} instead of this machine’s address: all clients of the proxy share its limits and bans.`,
      `Have the proxy send X-Forwarded-For, and put it in TRUST_PROXY (${proxies}).`,
    );
  }
  return ok(`The server sees ${said(seen)}, which should be this machine’s address, or its network’s.`);
}

function isInner(address: string | undefined): boolean {
  const family = isIP(address ?? '');
  return address !== undefined && family !== 0 && inner.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
