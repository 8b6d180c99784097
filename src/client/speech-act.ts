/** What a message is meant as: `/me waves` is an action, everything else is said. */

const action = /^\/me[ \t]+(?=\S)/;

export interface SpeechAct {
  readonly isAction: boolean;
  /** Without the command. */
  readonly text: string;
}

export function speechActOf(message: string): SpeechAct {
  const command = action.exec(message)?.[0];
  if (command === undefined) return { isAction: false, text: message };
  return { isAction: true, text: message.slice(command.length) };
}
