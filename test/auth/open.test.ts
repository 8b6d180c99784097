import { openAuthenticator } from '../../src/auth/open.ts';
import { authenticatorContract } from '../contract/authenticator-contract.ts';

authenticatorContract('open', async () => ({
  authenticator: openAuthenticator,
  right: { name: 'Ada' },
  admission: { name: 'Ada', user: null },
  wrong: [[{}, 'invalid-request']],
  nothing: undefined,
  secrets: [],
}));
