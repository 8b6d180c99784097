/** How `parlor-feed` looks; the page's own rules, its `--parlor-…` and its `::part()` win over this. */
export const feedStyle = `
:host {
  block-size: 20rem;
  border: 1px solid color-mix(in srgb, currentcolor 22%, transparent);
  border-radius: var(--parlor-radius, 0.75rem);
  overflow: hidden;
}
.box {
  --ink: #26211b;
  --sheet: #fffdf9;
  --accent: #1d6a5b;
  --light: 42%;
  display: flex;
  flex-direction: column;
  box-sizing: border-box;
  block-size: 100%;
  max-block-size: inherit;
  background: var(--parlor-background, var(--sheet));
  color: var(--parlor-text, var(--ink));
  font: 1rem / 1.45 var(--parlor-font, system-ui, sans-serif);
}
.night {
  --ink: #ebe5db;
  --sheet: #201d1a;
  --accent: #86cdbb;
  --light: 80%;
  color-scheme: dark;
}
.log {
  flex: 1;
  overflow: hidden auto;
  overscroll-behavior: contain;
  padding: 0.5rem 0.875rem;
}
.log:focus-visible {
  outline: 2px solid;
  outline-offset: -2px;
}
p {
  margin: 0;
}
.entry {
  margin-block-start: 0.5rem;
  overflow-wrap: anywhere;
}
:first-child, .continued {
  margin-block-start: 0;
}
.name {
  font-weight: 650;
}
time {
  margin-inline-start: 0.5rem;
}
.tinted .name {
  color: oklch(var(--light) 0.1 var(--hue));
}
.continued:not(:first-child) .head, .unseen {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
.text {
  white-space: pre-wrap;
}
.action .text, .removed {
  font-style: italic;
}
.announcement {
  margin-inline: -0.875rem;
  padding: 0.375rem 0.875rem;
  background: color-mix(in srgb, currentcolor 8%, transparent);
}
.removed {
  opacity: 0.8;
}
time, .day, .note, .state {
  font-size: 0.8125rem;
  opacity: 0.8;
}
.day, .note {
  margin-block: 0.75rem 0.25rem;
  text-align: center;
}
.state:not(:empty) {
  padding: 0.375rem 0.875rem;
}
a {
  color: var(--parlor-accent, var(--accent));
}
`;
