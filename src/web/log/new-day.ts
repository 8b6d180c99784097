/** Tells that days are called otherwise from now on. */

import { msToMidnight } from './day-names.ts';

/** A moment later it surely is the other day. */
const slackMs = 500;

/** @param listener is called at each midnight, or when the page is seen again after it: timers sleep as machines do */
export function onNewDay(listener: () => void): void {
  let today = new Date().toDateString();
  const look = () => {
    const now = new Date().toDateString();
    if (now === today) return;
    today = now;
    listener();
  };
  const wait = () => {
    setTimeout(() => {
      look();
      wait();
    }, msToMidnight(Date.now()) + slackMs);
  };
  wait();
  document.addEventListener('visibilitychange', look);
}
