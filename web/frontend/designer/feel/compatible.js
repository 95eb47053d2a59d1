/** Stands in for the comparison of other engines' versions, which the FEEL editor asks for only when it is given some. */
export const isCompatible = () => true;
