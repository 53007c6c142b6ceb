import { useActionData, useNavigation } from "@remix-run/react";
import { useEffect, useState } from "react";

/**
 * What this route's action answered, until the next form is sent. `useActionData` alone forgets it at the first live
 * reload, a second later: a one-time link would vanish before it is read.
 */
export function useAnswer<Action>(): ReturnType<typeof useActionData<Action>> {
  const answer = useActionData<Action>();
  const { formMethod } = useNavigation();
  const [kept, setKept] = useState(answer);
  useEffect(() => {
    if (formMethod === "POST") setKept(undefined);
  }, [formMethod]);
  useEffect(() => {
    if (answer !== undefined) setKept(() => answer);
  }, [answer]);
  return answer ?? kept;
}
