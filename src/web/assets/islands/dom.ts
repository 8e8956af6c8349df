// Small shorthands; text only ever enters the page as text.
export function find<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T | null {
	return within.querySelector<T>(selector);
}

export function findAll<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T[] {
	return [...within.querySelectorAll<T>(selector)];
}

export function make<K extends keyof HTMLElementTagNameMap>(
	tag: K, attributes: Record<string, string> = {}, text = '',
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
	if (text) element.textContent = text;
	return element;
}

/** Puts a value where a sentence of the catalogue has its mark. */
export const fill = (sentence: string | undefined, value: string): string =>
	(sentence ?? '').split('{}').join(value);
