/** What a tab shows of the room while nobody looks at it: a number in its title, a mark on its icon. Without DOM. */

/** What was not read, as the log counts it. */
export interface Unread {
  readonly unread: number;
  /** Those of them that speak to oneself. */
  readonly mentions: number;
  onChange(listener: () => void): void;
}

interface Looker {
  readonly is: boolean;
  onChange(listener: () => void): void;
}

/** What is shown of it. */
export interface Marks {
  readonly count: number;
  readonly icon: '' | '-unread' | '-mention';
}

/** Tells what is to be shown, whenever that changes. */
export function watchMarks(unread: Unread, looking: Looker, tell: (marks: Marks) => void): void {
  let told = '';
  const look = () => {
    const { mentions } = unread;
    const count = looking.is ? 0 : unread.unread;
    const icon = count === 0 ? '' : mentions > 0 ? '-mention' : '-unread';
    if (`${count}${icon}` === told) return;
    told = `${count}${icon}`;
    tell({ count, icon });
  };
  unread.onChange(look);
  looking.onChange(look);
}
