export default { name: 'points.add',, };
