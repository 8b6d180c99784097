/** What of an option's text may be shown to whoever asks how a server is set up. */

/** Too short for any secret, so that who fills in all but one is told of it. */
export const hidden = '********';

/** Nothing of it. */
export function hideAll(text: string): string {
  return text === '' ? '' : hidden;
}

/** The password of an address, and what stands behind its `?`, but for the names there. What stands alone may be either. */
export function hideInUrls(text: string): string {
  return (
    text
      .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/?#|,]*:)[^\s/?#|]*(?=@)/gi, `$1${hidden}`)
      .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s:@/?#|,]+(?=@)/gi, `$1${hidden}`)
      .replace(/(:\/\/[^\s?#|,]*\?)[^\s=&#|,]+(?=[\s&#|,]|$)/g, `$1${hidden}`)
      // LOGIN_URL and `prefix` of a Redis are no secrets, and not hidden by this.
      .replace(/([?&][^\s=&#|,]*=)[^\s&#|,]+/g, `$1${hidden}`)
  );
}

/**
 * The password of an address alone, or what stands in its place without a name. A password may have any character: it ends at
 * the last @.
 */
export function hidePassword(text: string): string {
  return text.replace(/^([a-z]+:\/\/(?:[^:@/]*:)?).*(?=@)/is, `$1${hidden}`);
}
