import { parseEther } from "viem";

const secondsPerHour = 3_600n;

/**
 * Price of a job in wei of HS: GPU-seconds × HS per GPU-hour ÷ 3,600, rounded down to a whole wei.
 * Example: 7,200 GPU-seconds at "1.25" are 2.5 HS = 2,500,000,000,000,000,000 wei.
 * @param gpuSeconds whole GPU-seconds.
 * @param hsPerGpuHour decimal text with at most 18 places (the fleet file's tariff.computeHsPerGpuHour).
 */
export function jobAmountWei(gpuSeconds: number, hsPerGpuHour: string): bigint {
  if (!Number.isSafeInteger(gpuSeconds) || gpuSeconds < 0)
    throw new RangeError(`GPU-seconds must be a whole number from 0, not ${gpuSeconds}`);
  return (BigInt(gpuSeconds) * parseEther(hsPerGpuHour)) / secondsPerHour;
}
