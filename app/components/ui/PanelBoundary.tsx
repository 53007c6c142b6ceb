import { Component, type ReactNode } from "react";
import { PanelError } from "./states.tsx";

/** One panel's exception stays in that panel. */
export class PanelBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <PanelError retry={() => this.setState({ failed: false })} /> : this.props.children;
  }
}
