/** What most people answer with. */
export const quick = ['👍', '❤️', '😊', '😂', '🙏', '🎉'];

/** The first emoji in what a keyboard typed, however many characters it is made of. */
export function firstEmoji(text: string): string | undefined {
	const parts = 'Segmenter' in Intl ? [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment) : [text.trim()];
	return parts.find((part) => /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[#*\d]\uFE0F?\u20E3/u.test(part) && !/\p{L}/u.test(part));
}
