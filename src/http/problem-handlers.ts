/**
 * Makes errors answers, and has each counted and told to whoever logs it, with the id that the client got and what was asked:
 * not a word of what the client wrote.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ChatError } from '../core/errors.ts';
import { quote } from '../core/quote.ts';
import type { Counters } from '../metrics/counters.ts';
import { chatErrorOf, type ProblemBody, problemOf, sendProblem } from './errors.ts';

export interface AskedFor {
  readonly method?: string;
  /** As it is registered, such as `/v1/rooms/:room/session`; missing if there is nothing at the address. */
  readonly route?: string;
  readonly sessionId?: string;
}

/** Told of every error answer, of what led to it, and of what was asked, as far as that is known. */
export type ReportProblem = (problem: ProblemBody, thrown: unknown, asked: AskedFor) => void;

/** Counts, and then tells `report`. */
export function counted(counters: Counters, report: ReportProblem | undefined): ReportProblem {
  return (problem, thrown, asked) => {
    const full = thrown instanceof ChatError ? thrown.extras.full : undefined;
    const limit = problem.limit ?? full;
    counters.noteRefusal({ code: problem.code, limit });
    report?.(limit === undefined ? problem : { ...problem, limit }, thrown, asked);
  };
}

/** What a request asks for. */
export function askedFor({ method, routeOptions, chatSession }: FastifyRequest): AskedFor {
  const { url: route } = routeOptions;
  return {
    method,
    ...(route === undefined ? {} : { route }),
    ...(chatSession ? { sessionId: chatSession.sessionId } : {}),
  };
}

/** Makes this scope answer every error with problem details. */
export function useProblems(app: FastifyInstance, bodyLimit: number, report: ReportProblem): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = chatErrorOf(thrown, bodyLimit);
    report(problemOf(error, request.id), thrown, askedFor(request));
    sendProblem(reply, error, request.id);
  });
}

/** Answers unknown addresses below this scope's prefix with problem details. */
export function useNotFound(app: FastifyInstance, report: ReportProblem): void {
  app.setNotFoundHandler((request, reply) => {
    const address = quote(request.url.split('?')[0] ?? '');
    const error = new ChatError('not-found', `There is nothing at ${address}.`);
    report(problemOf(error, request.id), error, { method: request.method });
    sendProblem(reply, error, request.id);
  });
}
