/** Baseline: nginx with nchan, one worker, messages in memory. Only where both are installed. */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../child.ts';
import type { Wire } from '../load/wire.ts';
import { freePort } from './free-port.ts';
import { type System, stopping } from './system.ts';

const module = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules', '/usr/share/nginx/modules']
  .map((folder) => join(folder, 'ngx_nchan_module.so'))
  .find((path) => existsSync(path));

/** Whether Linux has both; its modules are where Debian and its kin put them. */
export const hasNchan = module !== undefined;
export const howToGetNchan =
  'nginx with nchan is missing. On Debian, as root: apt-get install --no-install-recommends nginx-light libnginx-mod-nchan';

export const nchan: System = {
  name: 'nchan',
  isBaseline: true,
  async start(built) {
    const folder = built.folder();
    const port = await freePort();
    writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port));
    const command = ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf')];
    const child = new Child({ part: 'server', command, endsBy: 'SIGTERM' });
    const workers = await workersOf(child).catch(stopping(child));
    const wire: Wire = { kind: 'nchan', host: '127.0.0.1', port, pids: [child.pid, ...workers] };
    return { wire, child, folder, stop: () => child.stop() };
  },
};

/** Buffers are so large that it never drops a message within a run. */
function configuration(folder: string, port: number): string {
  const asUser = process.getuid?.() === 0 ? 'user root;' : '';
  return `
${asUser}
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
load_module ${module};
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 19000; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 100000000;
  keepalive_timeout 3600s;
  tcp_nodelay on;
  nchan_shared_memory_size 1G;
  nchan_message_buffer_length 200000;
  nchan_message_timeout 600s;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /stream {
      nchan_subscriber eventsource;
      nchan_channel_id room;
      nchan_subscriber_first_message newest;
    }
    location = /publish {
      nchan_publisher http;
      nchan_channel_id room;
    }
  }
}
`;
}

/** The process that does the work, once it is there. */
async function workersOf(child: Child): Promise<number[]> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const path = `/proc/${child.pid}/task/${child.pid}/children`;
    const pids = existsSync(path) ? readFileSync(path, 'latin1').trim().split(' ').filter(Boolean) : [];
    if (pids.length > 0) return pids.map(Number);
    if (child.process.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`nginx does not start: ${child.output}`);
}

/** Its version, for the report. */
export function nchanVersion(): string {
  const { stderr } = spawnSync('nginx', ['-v'], {
    encoding: 'utf8',
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  return /nginx\/([\d.]+)/.exec(stderr ?? '')?.[1] ?? '';
}
