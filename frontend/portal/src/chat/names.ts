/** Copies of what the server has; gone when the session is, however it ends. The service worker knows this name too. */
export const keptName = 'chat-kept';
/** What was written and is not sent; gone when the client signs out. */
export const queueName = 'chat-queue';
/** With this begin the names of unsent text in localStorage. */
export const draftPrefix = 'chat.draft.';
/** In localStorage while messages wait to be sent: they are sent without chat being opened. */
export const waitingName = 'chat.waiting';

/** Set once the app is being left: what is forgotten must not be written down again by what still runs. */
export const leaving = { begun: false };
