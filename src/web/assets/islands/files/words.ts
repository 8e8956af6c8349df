/** Sentences of the catalogue, which stand in the page as data-say-..., and numbers in them. */
export class Words {
	private readonly language = document.documentElement.lang;

	constructor(private readonly data: DOMStringMap) {}

	/** say('failed', {name}): the sentence in data-say-failed. */
	say(what: string, values: Record<string, string> = {}): string {
		const sentence = this.data[`say${what.charAt(0).toUpperCase()}${what.slice(1)}`] ?? '';
		return sentence.replace(/\{(\w+)\}/g, (mark, name: string) => values[name] ?? mark);
	}

	number(name: string): number {
		return Number(this.data[name]);
	}

	/** "4.5 MB", as the portal writes it. */
	size(bytes: number): string {
		let unit = 0;
		let value = bytes;
		while (unit < 4 && Math.round(value) >= 1000) { value /= 1000; unit++; }
		const rounded = unit > 0 && value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value);
		return this.say(`unit${unit}`, { number: rounded.toLocaleString(this.language) });
	}

	/** "8 seconds", "12 minutes". */
	time(seconds: number): string {
		const [value, unit] = seconds < 90 ? [seconds, 'second'] : seconds < 90 * 60 ? [seconds / 60, 'minute'] : [seconds / 3600, 'hour'];
		return new Intl.NumberFormat(this.language, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 })
			.format(Math.max(1, Math.round(value)));
	}
}

/** "photo (2).jpg" for the second "photo.jpg". */
export function numbered(name: string, taken: Set<string>): string {
	const dot = name.lastIndexOf('.');
	const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
	let free = name;
	for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${stem} (${n})${ending}`;
	return free;
}

/** The part after the last dot, in small letters. */
export const endingOf = (name: string): string => /\.([^.\s]+)\s*$/.exec(name)?.[1]?.toLowerCase() ?? '';

/** For the mark beside a name: "PDF". */
export const kindOf = (name: string): string => /^[a-z0-9]{1,4}$/.test(endingOf(name)) ? endingOf(name).toUpperCase() : '';
