/** Verbs that the language has and this version does not carry out, with what to do in the meantime. */
export const unavailableVerbs: Readonly<Record<string, string>> = {
  http: 'Use {"call": "http.request"}.',
  waitFor: 'A definition of its own can react to the other event.',
  approve: 'There is no replacement yet.',
  forEach: 'There is no replacement yet; inside expressions there is "map".',
  while: 'There is no replacement yet.',
  switch: 'Use "if" with "then" and "else".',
  try: 'There is no replacement yet.',
  run: 'There is no replacement yet.',
  stop: 'Guard the later steps with "if".',
  fail: 'There is no replacement yet.',
};

/** Properties of steps and definitions, likewise. */
export const unavailableProperties: Readonly<Record<string, string>> = {
  undo: 'Undo by hand, or in a definition that reacts to the failure.',
  onFail: 'A step that fails, fails the run.',
  onTimeout: 'A step that times out, fails the run.',
  key: 'Runs are independent of each other.',
  do: 'There is no replacement yet.',
  catch: 'There is no replacement yet.',
  finally: 'There is no replacement yet.',
  where: 'Guard the steps with "if".',
  match: 'There is no replacement yet.',
};
