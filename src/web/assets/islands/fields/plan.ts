import { formatField, parseField, type Field } from './field';

const MOST_STEPS = 200;

/** All fields, and the way back. What is kept of them is the text of the form's field. */
export class Plan {
	fields: readonly Field[];
	private past: (readonly Field[])[] = [];
	private future: (readonly Field[])[] = [];
	private mergeKey = '';

	constructor(private readonly source: HTMLTextAreaElement, readonly most: number, private readonly changed: () => void) {
		this.fields = source.value.split('\n').map(parseField).filter(field => field !== undefined);
	}

	find(id: string): Field | undefined {
		return this.fields.find(field => field.id === id);
	}

	/** `merge`: what follows under the same key is one step with it, as the keys that move a field. */
	private step(next: readonly Field[], merge = ''): void {
		if (!merge || merge !== this.mergeKey) this.past = [...this.past, this.fields].slice(-MOST_STEPS);
		this.mergeKey = merge;
		this.future = [];
		this.show(next);
	}

	private show(next: readonly Field[]): void {
		this.fields = next;
		this.source.value = next.map(formatField).join('\n');
		this.source.dispatchEvent(new Event('change', { bubbles: true })); // the draft is another now
		this.changed();
	}

	/** False: there would be too many. */
	add(fields: Field[]): boolean {
		if (this.fields.length + fields.length > this.most) return false;
		if (fields.length > 0) this.step([...this.fields, ...fields]);
		return true;
	}

	update(id: string, change: Partial<Field>, merge = ''): void {
		this.step(this.fields.map(field => (field.id === id ? { ...field, ...change } : field)), merge && `${merge} ${id}`);
	}

	/** All of them as one step. */
	replace(fields: readonly Field[]): void {
		this.step(fields);
	}

	remove(isGone: (field: Field) => boolean): void {
		this.step(this.fields.filter(field => !isGone(field)));
	}

	/** What comes next is a step of its own. */
	rest(): void {
		this.mergeKey = '';
	}

	get canUndo(): boolean { return this.past.length > 0; }
	get canRedo(): boolean { return this.future.length > 0; }

	undo(): void {
		const before = this.past.pop();
		if (!before) return;
		this.future.push(this.fields);
		this.rest();
		this.show(before);
	}

	redo(): void {
		const after = this.future.pop();
		if (!after) return;
		this.past.push(this.fields);
		this.rest();
		this.show(after);
	}
}
