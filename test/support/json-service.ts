/** A service on a free port of the loopback that is asked by POSTs with JSON; it notes what it was asked. */

import { createServer, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { listening } from './listening.ts';

export type Question = Readonly<Record<string, unknown>>;
/** Hung if it answers nothing. */
export type AnswerTo = (question: Question, response: ServerResponse) => void;

export const answer = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

export interface JsonService {
  readonly url: string;
  /** May be changed at any time. */
  answer: AnswerTo;
  readonly questions: Question[];
  /** The questions of one type. */
  of(type: string): readonly Question[];
}

export async function jsonService(
  t: TestContext,
  first: AnswerTo = (_question, response) => answer(response, { accept: true }),
): Promise<JsonService> {
  const questions: Question[] = [];
  const service = {
    url: '',
    answer: first,
    questions,
    of: (type: string) => questions.filter((question) => question.type === type),
  };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    const question: Question = JSON.parse(text);
    questions.push(question);
    service.answer(question, response);
  });
  service.url = await listening(t, server);
  return service;
}
