import { find, findAll } from '../dom';

const COLOURS = 8;

/** Who signs: a number, a name and a colour each. Those of fields who stand in To no longer come after them. */
export interface Signer { number: number; address: string; name: string; isGone: boolean }

export class Signers {
	readonly all: Signer[];

	constructor(private readonly list: HTMLElement) {
		this.all = findAll('[data-signer]', list).map((element, at) => ({
			number: at + 1, address: element.dataset.signer!, name: element.dataset.name || element.dataset.signer!, isGone: element.dataset.gone === 'yes',
		}));
	}

	of(address: string): Signer | undefined {
		return this.all.find(signer => signer.address === address);
	}

	/** The one who is chosen. */
	get current(): Signer | undefined {
		return this.all.find(signer => signer.address === find<HTMLInputElement>('input:checked', this.list)?.value);
	}

	choose(signer: Signer): void {
		for (const input of findAll<HTMLInputElement>('input', this.list)) input.checked = input.value === signer.address;
	}
}

/** Colour and kind of line, as in the list of signers. */
export const lookOf = (signer: Signer | undefined): string => (signer && !signer.isGone ? `who-${(signer.number - 1) % COLOURS}` : 'who-none');
