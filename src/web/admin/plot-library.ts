/** Loads what draws the plots, when there are some: the door does without its fifty kilobytes. */

import type uPlot from 'uplot';
import { isLocale } from '../log/locale.ts';

export type PlotLibrary = typeof uPlot;

export async function loadPlotLibrary(): Promise<PlotLibrary> {
  // It makes a format of this before anything else, and would throw where the system has no locale (`en-US@posix`).
  if (!isLocale(navigator.language)) {
    Object.defineProperty(navigator, 'language', { configurable: true, value: 'en-US' });
  }
  return (await import('uplot')).default;
}
