/** How high the frame would be if it showed all there is: for an element that is to be as high as what is in it. */

/**
 * Lays the page out so that its parts have the height of what is in them, and tells what they take together.
 *
 * @param root holds the room, or what is there in its place
 * @returns stops it
 */
export function watchHeight(root: HTMLElement, tell: (height: number) => void): () => void {
  const page = document.documentElement;
  page.classList.add('auto-high');
  let told = -1;
  const measure = () => {
    const height = Math.ceil(heightOf(root));
    if (height === told) return;
    told = height;
    tell(height);
  };
  const sized = new ResizeObserver(measure);
  const observe = () => {
    sized.disconnect();
    for (const part of root.querySelectorAll(':scope > *, .bar, .composer, .stopped, .column'))
      sized.observe(part);
    measure();
  };
  // What is shown is replaced as a whole.
  const replaced = new MutationObserver(observe);
  replaced.observe(root, { childList: true });
  observe();
  return () => {
    sized.disconnect();
    replaced.disconnect();
    page.classList.remove('auto-high');
  };
}

function heightOf(root: HTMLElement): number {
  const shown = root.firstElementChild;
  const scroller = shown?.querySelector<HTMLElement>('.scroller');
  const height = shown?.getBoundingClientRect().height ?? 0;
  if (scroller === null || scroller === undefined) return height;
  // All but the log, which would take what is in it.
  const content = scroller.firstElementChild?.getBoundingClientRect().height ?? 0;
  return height - scroller.getBoundingClientRect().height + content;
}
