import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFinder } from '../../http/find-forms.ts';

function found(text: string, forms: readonly string[]): string[] {
  const places: string[] = [];
  createFinder(forms)(text, (from, to) => places.push(`${from}-${to}`));
  return places.sort();
}

it('finds every form wherever it is, also where they overlap', () => {
  const text = '0123456789 01234567 abcabcabcabc';
  expect(found(text, ['01234567', '0123456789', 'abcabcabc'])).toEqual(['0-10', '0-8', '11-19', '20-29', '23-32']);
});

it.each(['', '0123456', '1234567'])('finds nothing in %j, which is too short', (text) => {
  expect(found(text, ['01234567', '\0' + '0123456'])).toEqual([]);
});

it('finds what a search for each form finds', () => {
  const unit = fc.constantFrom('a', 'b', '\0', 'é', '\uFFFF');
  const forms = fc.array(fc.string({ unit, minLength: 8, maxLength: 10 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit }), forms.map(String))), forms, (parts, given) => {
      const text = [...parts, ...given].join('');
      const distinct = [...new Set(given)];
      const each = distinct.flatMap((form) =>
        Array.from(text, (_, at) => at).flatMap((at) =>
          text.startsWith(form, at) ? [`${at}-${at + form.length}`] : [],
        ),
      );
      expect(found(text, distinct)).toEqual(each.sort());
    }),
  );
});
