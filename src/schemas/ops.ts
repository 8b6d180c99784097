/** What whoever runs the server is told. */

import { Type } from '@sinclair/typebox';
import { overloadCauses } from '../core/observer.ts';

const storeStates = ['starting', 'ready', 'away'];

export const LiveAnswer = Type.Object(
  { status: Type.String({ enum: ['alive'] }) },
  { title: 'LiveAnswer', examples: [{ status: 'alive' }] },
);

export const ReadyAnswer = Type.Object(
  {
    status: Type.String({
      enum: ['ready', 'starting', 'store-away', 'draining'],
      description: 'How the server stands: all but `ready` is 503',
    }),
    store: Type.String({ enum: storeStates, description: 'How its store does' }),
    overload: Type.Optional(
      Type.String({ enum: [...overloadCauses], description: 'If nobody new is let in for the moment: why' }),
    ),
  },
  { title: 'ReadyAnswer', examples: [{ status: 'ready', store: 'ready' }] },
);

const figures = Type.String({
  title: 'Figures',
  examples: ['# TYPE parlor_events_total counter\nparlor_events_total{type="message"} 42\n'],
});

/** As Prometheus or OpenMetrics has them. */
export const FiguresAnswer = {
  content: { 'text/plain': { schema: figures }, 'application/openmetrics-text': { schema: figures } },
};
