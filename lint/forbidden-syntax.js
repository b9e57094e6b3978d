/** Forbids syntax by selectors of ESTree, as ESLint's `no-restricted-syntax` does, which oxlint has not. Options: `{ selectors, message }[]`. */
const rule = {
  meta: { schema: false },
  create(context) {
    const visitors = context.options.flatMap(({ selectors, message }) =>
      selectors.map((selector) => [selector, (node) => context.report({ node, message })]),
    );
    return Object.fromEntries(visitors);
  },
};

export default { meta: { name: 'kait' }, rules: { 'forbidden-syntax': rule } };
