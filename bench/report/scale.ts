/** What so many clients need, reckoned from what one of each thing costs: the tables of `docs/scale.md`. */

/** What one of each costs, as it stands in the page. */
export interface Costs {
  /** Processor time of an instance, in microseconds: a write to a stream's socket with one message in it. */
  readonly write: number;
  /** A message that is taken and acknowledged. */
  readonly send: number;
  /** An event that an instance hears of another. */
  readonly hear: number;
  /** A poll that finds nothing. */
  readonly poll: number;
  /** Processor time of Redis, in microseconds: a message. */
  readonly storeMessage: number;
  /** Each instance that hears it. */
  readonly storeHear: number;
  /** That a session was active. */
  readonly storeTouch: number;
  /** Bytes of an instance's memory: a session with its stream. */
  readonly streamBytes: number;
  /** Bytes of Redis' memory. */
  readonly storeSessionBytes: number;
  readonly storeEventBytes: number;
  /** Bytes on the wire: a message to one stream, with TCP's and IP's heads. */
  readonly wireBytes: number;
}

/** What the clients do: each has a stream and is in one room. */
export interface Habits {
  readonly members: number;
  /** Seconds between two messages of one of them. */
  readonly pauseSeconds: number;
  /** Events that a room keeps. */
  readonly kept: number;
}

export interface Plan {
  readonly clients: number;
  readonly messagesPerSecond: number;
  readonly deliveriesPerSecond: number;
  readonly systems: number;
  readonly instances: number;
  /** Of each instance, and of each Redis, as a share of a core. */
  readonly instanceCpu: number;
  readonly storeCpu: number;
  readonly instanceMb: number;
  readonly storeGb: number;
  /** Of all of them together. */
  readonly gigabitsPerSecond: number;
}

/** So much of a core is used in quiet times: the rest is for the loud ones. */
const share = 0.5;
const clientsPerInstance = 20_000;
const baseMb = 130;
// A quarter of the default of SESSION_TIMEOUT.
const touchSeconds = 15;

/** How many of so many instances have at least one of a room's members, who are spread at random. */
export function hearing(instances: number, members: number): number {
  return instances * (1 - (1 - 1 / instances) ** members);
}

/** The fewest systems, each with a Redis and instances of its own, and among them the rooms. */
export function planFor(clients: number, costs: Costs, habits: Habits): Plan {
  for (let systems = 1; ; systems++) {
    const plan = planWith(systems, clients, costs, habits);
    if (plan.storeCpu <= share) return plan;
  }
}

export function planWith(systems: number, clients: number, costs: Costs, habits: Habits): Plan {
  const { members, pauseSeconds, kept } = habits;
  const own = clients / systems;
  let instances = Math.ceil(own / clientsPerInstance);
  while (instanceCpu(instances, own, costs, habits) > share) instances++;
  const messages = own / pauseSeconds;
  const heard = hearing(instances, members);
  const storeMicros =
    messages * (costs.storeMessage + heard * costs.storeHear) + (own / touchSeconds) * costs.storeTouch;
  const deliveries = (clients / pauseSeconds) * members;
  return {
    clients,
    messagesPerSecond: clients / pauseSeconds,
    deliveriesPerSecond: deliveries,
    systems,
    instances: instances * systems,
    instanceCpu: instanceCpu(instances, own, costs, habits),
    storeCpu: storeMicros / 1e6,
    instanceMb: baseMb + ((own / instances) * costs.streamBytes) / 1e6,
    storeGb: (own * costs.storeSessionBytes + (own / members) * kept * costs.storeEventBytes) / 1e9,
    gigabitsPerSecond: (deliveries * costs.wireBytes * 8) / 1e9,
  };
}

function instanceCpu(instances: number, clients: number, costs: Costs, habits: Habits): number {
  const messages = clients / habits.pauseSeconds;
  const all =
    messages * (habits.members * costs.write + costs.send + hearing(instances, habits.members) * costs.hear);
  return all / instances / 1e6;
}

/** Processor time of instances and of Redis for one room, as shares of a core: what a measurement is compared with. */
export function oneRoom(
  streams: number,
  messagesPerSecond: number,
  instances: number,
  costs: Costs,
): { readonly instances: number; readonly store: number } {
  return {
    instances: (messagesPerSecond * (streams * costs.write + costs.send + instances * costs.hear)) / 1e6,
    store: (messagesPerSecond * (costs.storeMessage + instances * costs.storeHear)) / 1e6,
  };
}

const rows: readonly (readonly [string, (plan: Plan) => string])[] = [
  ['messages/s', (plan) => number(plan.messagesPerSecond)],
  ['deliveries/s', (plan) => number(plan.deliveriesPerSecond)],
  ['systems, each with its own Redis', (plan) => number(plan.systems)],
  ['instances, in all of them', (plan) => number(plan.instances)],
  ['of a core, per instance', (plan) => `${number(plan.instanceCpu * 100)} %`],
  ['of a core, per Redis', (plan) => `${number(plan.storeCpu * 100)} %`],
  ['memory per instance', (plan) => `${number(plan.instanceMb)} MB`],
  ['memory per Redis', (plan) => `${plan.storeGb.toFixed(2)} GB`],
  ['bandwidth, all together', (plan) => `${plan.gigabitsPerSecond.toPrecision(2)} Gbit/s`],
];

/** The table of the page. */
export function renderPlans(plans: readonly Plan[]): string {
  const lines = [
    ['clients', ...plans.map(({ clients }) => number(clients))],
    ['---', ...plans.map(() => '--:')],
    ...rows.map(([title, of]) => [title, ...plans.map(of)]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}
