export const points = { name: 'points.add' };
