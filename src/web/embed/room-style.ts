/** How `parlor-room` looks in a page; what is in its frame has its own style. The page's own rules win over these. */
export const roomStyle = `
:host {
  block-size: 30rem;
  min-block-size: 12rem;
}
iframe, .trouble {
  box-sizing: border-box;
  inline-size: 100%;
  block-size: 100%;
  border: 1px solid color-mix(in srgb, currentcolor 22%, transparent);
  border-radius: var(--parlor-radius, 0.75rem);
}
iframe {
  display: block;
  visibility: hidden;
  color-scheme: normal;
}
.shown {
  visibility: visible;
}
.trouble {
  display: grid;
  place-content: center;
  gap: 0.5rem;
  padding: 1rem;
  text-align: center;
  font-family: var(--parlor-font, system-ui, sans-serif);
}
.trouble p {
  margin: 0;
}
iframe:has(+ .trouble) {
  display: none;
}
`;
