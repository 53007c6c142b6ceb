// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Who may do what
/// @notice The one place where permissions of the restricted contracts stand; its admin is the timelock.
contract HSAccess is AccessManager {
    /// @notice Fixes the first admin.
    /// @param admin Who may grant roles; never zero.
    constructor(address admin) AccessManager(admin) {}
}
