/** Whether the page can be seen, as far as its tab is concerned. */

/**
 * @param tell hears of every change
 * @returns how it is now
 */
export type WatchPresence = (tell: (isPresent: boolean) => void) => boolean;

export const watchTab: WatchPresence = (tell) => {
  const look = () => document.visibilityState === 'visible';
  document.addEventListener('visibilitychange', () => tell(look()));
  return look();
};
