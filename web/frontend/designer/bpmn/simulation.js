import TokenSimulation from 'bpmn-js-token-simulation';

/** Draws a simulated diagram in the page's own colours: the library's white boxes hide the light words of dark pages. */
class NeutralElementColors {
  static $inject = ['eventBus', 'elementRegistry', 'elementColors'];

  constructor(eventBus, elementRegistry, elementColors) {
    const colors = { stroke: 'var(--diagram-stroke)', fill: 'var(--diagram-fill)' };
    eventBus.on('tokenSimulation.toggleMode', ({ active }) => {
      if (active) elementRegistry.forEach((element) => elementColors.add(element, 'neutral-element-colors', colors));
    });
  }
}

export const simulationModule = {
  __depends__: [TokenSimulation],
  neutralElementColors: ['type', NeutralElementColors],
};
